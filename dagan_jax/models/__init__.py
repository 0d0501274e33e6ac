"""Networks: linen modules, arrays in and arrays out."""
