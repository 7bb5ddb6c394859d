def run(seconds, seed=0):
    pass
