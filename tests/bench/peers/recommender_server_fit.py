"""Fits `implicit`'s ALS on histories, for the server beside it. Arguments: the histories (npz), the model's file."""

import sys

from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix, load_npz

FACTORS = 64

if __name__ == "__main__":
    model = AlternatingLeastSquares(factors=FACTORS, iterations=5, random_state=0, num_threads=1)
    model.fit(csr_matrix(load_npz(sys.argv[1]), dtype="float32"), show_progress=False)
    model.save(sys.argv[2])
