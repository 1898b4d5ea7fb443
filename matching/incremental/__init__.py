"""A population that changes in memory: `index` is what others use, `columns` and `runs` hold its records and their keys."""
