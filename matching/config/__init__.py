"""Models: `model` says what one is, `parse` and `checks` say what is wrong with one, `load` finds one."""
