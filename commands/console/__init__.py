"""What people see: the terminal, the wording of failures and hints, exit codes."""
