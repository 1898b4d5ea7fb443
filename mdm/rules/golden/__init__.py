"""Rules about golden records: IDs, pairs, which cluster keeps which ID, which value survives."""
