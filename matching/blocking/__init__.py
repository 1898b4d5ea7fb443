"""Which records are compared: `keys` makes match keys, `pairs` turns shared keys into pairs, `report` says how well that went."""
