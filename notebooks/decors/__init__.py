"""Les décors des carnets : tout ce qui se voit et n'est pas la leçon, un module par carnet."""
