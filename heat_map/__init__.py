"""Tables of coloured cells that open what is behind them, as one HTML file that loads nothing else."""
