"""What is wrong with missions, files and sprints."""
