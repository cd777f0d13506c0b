"""`report.html`: the whole gate on one page that needs nothing else, not even scripts or styles."""
