"""What may be told of groups without pointing at somebody, also by subtraction, and also beside earlier releases."""
