"""What tests share: fakes at the product's seams, and a small world to put them together."""
