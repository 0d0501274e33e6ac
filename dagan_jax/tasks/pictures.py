def draw_reenactment(*a):
  return {}
