"""One file for each way in which engines like ours are known to fail, and what holds in ours."""
