"""What edits cost: prices, a budget, and the ledger."""
