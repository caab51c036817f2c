"""Writes statistics.json, the values of scipy and statsmodels that StatisticsTests compares with.

pip install scipy==1.17.1 statsmodels==0.15.0 pandas, then run this in its own directory.
"""

import itertools
import json

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20170917)


def slope(frame):
    return smf.ols("effect ~ C(source) + C(target) + distance", frame).fit().params["distance"]


def slope_case(name, domains, seeds, keep):
    places = random.normal(size=(domains, 2))
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    pairs = [(s, t) for s in range(domains) for t in range(domains) if keep(s, t)]
    effects = random.normal(0.01, 0.03, size=(len(pairs), seeds)) + np.array([[0.05 * distances[p]] for p in pairs])
    frame = pd.DataFrame({
        "source": [s for s, _ in pairs], "target": [t for _, t in pairs],
        "distance": [distances[p] for p in pairs], "effect": effects.mean(axis=1)})
    estimate = slope(frame)
    targets = sorted(set(frame.target))
    without = np.array([slope(frame[frame.target != t]) for t in targets])
    error = np.sqrt((len(targets) - 1) ** 2 / len(targets) * without.var(ddof=1))
    half = stats.t.ppf(0.975, len(targets) - 1) * error
    apart = frame[frame.source != frame.target].reset_index(drop=True)
    reached, observed = 0, abs(slope(apart))
    orders = list(itertools.permutations(range(domains)))
    for order in orders:
        moved = apart.assign(distance=[distances[order[s], order[t]] for s, t in zip(apart.source, apart.target)])
        reached += abs(slope(moved)) >= observed * (1 - 1e-9)
    return {
        "name": name, "pairs": pairs, "distances": distances.tolist(), "effects": effects.tolist(),
        "estimate": estimate, "standardError": error, "lower": estimate - half, "upper": estimate + half,
        "assignmentP": reached / len(orders)}


def main():
    t_values = [
        {"df": df, "t": t, "cdf": stats.t.cdf(t, df), "twoSidedP": 2 * stats.t.sf(abs(t), df)}
        for df in (1, 2, 4, 4.7, 30, 1000) for t in (-8.5, -2.1, -0.3, 0, 0.01, 1, 2.776, 40)]
    quantiles = [
        {"df": df, "p": p, "t": stats.t.ppf(p, df)}
        for df in (1, 2, 4, 4.7, 30, 1000) for p in (0.001, 0.025, 0.4, 0.5, 0.9, 0.975, 0.9999)]
    means = []
    for count in (2, 3, 5, 12):
        values = random.normal(0.02, 0.03, size=count)
        test = stats.ttest_1samp(values, 0)
        low, high = test.confidence_interval(0.95)
        means.append({"values": values.tolist(), "lower": low, "upper": high, "p": test.pvalue})
    families = []
    for values in ([0.01, 0.04, 0.03, 0.005], [0.9, 0.2, 0.2], [0.04], random.uniform(size=9).tolist()):
        families.append({"p": values, "adjusted": multipletests(values, method="holm")[1].tolist()})
    slopes = [
        slope_case("every pair", 5, 5, lambda s, t: True),
        slope_case("domains apart", 5, 3, lambda s, t: s != t),
        slope_case("two pairs missing", 5, 5, lambda s, t: (s, t) not in ((0, 1), (3, 2))),
    ]
    with open("statistics.json", "w") as file:
        json.dump({"t": t_values, "quantiles": quantiles, "means": means, "families": families, "slopes": slopes},
                  file, indent=1)
        file.write("\n")


main()
