"""Deploy a stack: preview with the policy pack, update, look after every container's health, take it down."""
