"""Rights of the registered: requests of people about their own data, and the dates on which data go."""
