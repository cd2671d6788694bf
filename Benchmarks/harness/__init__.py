"""What `compare`, `grid`, `cost`, `recipe` and `results` share."""
