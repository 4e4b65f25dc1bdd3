"""Acme Cargo Bikes, a customer: three workflows as a company would write them, and nothing that knows it is a demo."""
