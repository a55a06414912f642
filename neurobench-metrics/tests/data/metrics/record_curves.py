"""Points of curves by scikit-learn: cases of ties, of one class alone and of random scores."""
import json, numpy as np, sklearn
from sklearn.metrics import roc_curve, precision_recall_curve, roc_auc_score, average_precision_score
rng = np.random.default_rng(5)
cases = []
for n, levels in [(4, 2), (10, 3), (30, 5), (60, 1000), (200, 20)]:
    scores = np.round(rng.random(n) * levels) / levels
    targets = (rng.random(n) < 0.2 + 0.6 * scores).astype(int)
    targets[:2] = [0, 1]
    fpr, tpr, thr = roc_curve(targets, scores, drop_intermediate=False)
    precision, recall, pthr = precision_recall_curve(targets, scores)
    cases.append(dict(scores=scores.tolist(), targets=targets.tolist(), fpr=fpr.tolist(), tpr=tpr.tolist(),
        roc_thresholds=[None] + thr[1:].tolist(), area=roc_auc_score(targets, scores),
        # From the highest threshold down, without the point (0, 1) that has no threshold.
        precision=precision[:-1][::-1].tolist(), recall=recall[:-1][::-1].tolist(), thresholds=pthr[::-1].tolist(),
        average_precision=average_precision_score(targets, scores)))
json.dump(dict(library=f"scikit-learn {sklearn.__version__}", cases=cases), open("curves.json", "w"))
