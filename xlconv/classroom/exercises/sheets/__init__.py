"""The sheets of an exercise: tasks, goals, the network's own with what is to be filled in."""
