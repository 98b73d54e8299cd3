"""What people see on a terminal; only cli and this room print."""
