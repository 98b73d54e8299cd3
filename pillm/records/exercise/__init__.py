"""Exercises: requests for a command whose answer is run on planted trees and held to what Python computes."""
