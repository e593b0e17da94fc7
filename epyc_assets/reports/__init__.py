"""Reports: what people read, made from the warehouse. Changes nothing."""
