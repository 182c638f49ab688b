"""Faults of real processes, in the middle of real traffic, and what must be true afterwards.

stack.py     the whole of Mainstay on a throw-away home, its processes by their roles
seed.py      a small organisation for it
traffic.py   a sender that posts alerts, repeats and resolves, and remembers what was acknowledged
books.py     the accounts: what was owed, what waits, what was lost or doubled
site/        lets one role live with a wrong clock
"""
