"""`make bench`: figures of the time engines, and of the web server where it was asked for."""

from bench import engines

if __name__ == "__main__":
    engines.main()
