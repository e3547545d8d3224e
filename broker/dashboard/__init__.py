"""The HTML page that shows which version can be deployed to which environment."""
