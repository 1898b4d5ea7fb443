"""Models: `model` says what one is, `parse` checks one, `load` finds one."""
