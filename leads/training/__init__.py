"""Training of the models that read messages; web processes import none of it: it needs scikit-learn."""
