"""Accuracies on data sets of the UCR and UEA archives as others have published them, in percent; each with its source."""

REVIEW = "H. Ismail Fawaz et al., Deep learning for time series classification: a review (2019)"
SOURCES = {
    "DTW, best window": "1 − the error of 1-NN with dynamic time warping, its window learned on the training set: "
    "H. A. Dau et al., The UCR Time Series Archive (2018), DataSummary.csv; series of several lengths were padded there",
    "TWIESN": f"an echo state network, the only recurrent one of the nine networks in {REVIEW}: mean over 10 runs, from "
    "its repository hfawaz/dl-4-tsc, results-uea-avg-std.csv and results-mts-avg-std.csv",
    "ResNet": "a convolutional network, the best of the same review; from the same files",
}

# An LSTM alone was looked for and not found: Karim et al. (2018, 2019) have LSTM-FCN, whose LSTM sees the whole series as
# one step, beside a convolutional network.
FIGURES = {
    "ItalyPowerDemand": {"DTW, best window": 95.53, "TWIESN": 88.0, "ResNet": 96.3},
    "GunPoint": {"DTW, best window": 91.33, "TWIESN": 96.1, "ResNet": 99.1},
    "JapaneseVowels": {"TWIESN": 96.5, "ResNet": 99.2},
    "ArrowHead": {"DTW, best window": 80.00, "TWIESN": 65.9, "ResNet": 84.5},
    "PickupGestureWiimoteZ": {"DTW, best window": 66.00},
    "OSULeaf": {"DTW, best window": 61.16, "TWIESN": 59.5, "ResNet": 97.9},
    "ACSF1": {"DTW, best window": 62.00},
}
