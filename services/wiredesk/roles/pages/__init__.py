"""Role `pages`: fetches what entries point at and takes articles and comments out of it."""
