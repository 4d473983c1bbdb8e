"""What one does with the model: command line, designs, execution, store, statistics, figures, report."""
