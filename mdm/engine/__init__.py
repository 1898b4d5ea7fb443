"""The only bridge between rows and the matching engine: computes, writes nothing."""
