# What R `surveillance` says of the same series, for tests/correlate/trends/test_surveillance.py.
#   Rscript tools/build_surveillance_vectors.R > tests/vectors/surveillance.json
# The three that use a standard error go without reweighting: with it surveillance 1.20.3 writes the prior weights over the
# working weights of the model, and then takes its dispersion for those from the wrong residuals.
# Base R and `surveillance` (Debian r-cran-surveillance) alone: the JSON is written by hand.
suppressMessages(library(surveillance))
set.seed(20130413)

WEEKS <- 52 * 8
series <- function(level, season, trend, dispersion) {
  t <- seq_len(WEEKS)
  mu <- exp(level + trend * t + season * cos(2 * pi * t / 52))
  y <- if (dispersion > 1) rnbinom(WEEKS, mu = mu, size = mu / (dispersion - 1)) else rpois(WEEKS, mu)
  for (start in sample(WEEKS - 10, 4)) y[start + 0:3] <- y[start + 0:3] + rpois(4, 3 * sqrt(mu[start] * dispersion))
  y
}
all <- list(
  rare = series(-0.7, 0.2, 0, 1), few = series(1, 0.4, 0.001, 1.5), some = series(2.3, 0.6, 0, 2),
  many = series(4.5, 0.3, 0.002, 4), falling = series(3.5, 0.5, -0.004, 2.5), huge = series(7, 0.2, 0, 20)
)
# Named series alone, where a quick look is enough: Rscript tools/build_surveillance_vectors.R some
asked <- commandArgs(trailingOnly = TRUE)
if (length(asked)) all <- all[asked]
number <- function(x) ifelse(is.na(x), "null", ifelse(is.infinite(x), "1e999", trimws(formatC(x, digits = 12, format = "g"))))
line <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ","), "]")
range <- (WEEKS - 79):WEEKS
farrington <- function(y, ...) {
  s <- sts(observed = matrix(y), start = c(2000, 1), frequency = 52)
  control <- modifyList(list(range = range, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26,
    weightsThreshold = 2.58, pThresholdTrend = 1, thresholdMethod = "nbPlugin", alpha = 0.01,
    glmWarnings = FALSE), list(...))
  r <- suppressWarnings(farringtonFlexible(s, control = control))
  paste0('{"upper":', line(upperbound(r)), ',"expected":', line(r@control$expected),
    ',"alarm":', line(alarms(r)), ',"trend":', line(r@control$trend), "}")
}
ears <- function(y, method, alpha) {
  s <- sts(observed = matrix(y), start = c(2000, 1), frequency = 52)
  r <- earsC(s, control = list(method = method, alpha = alpha, range = 20:WEEKS))
  paste0('{"upper":', line(upperbound(r)), ',"alarm":', line(alarms(r)), "}")
}
page <- function(y, trans) {
  s <- sts(observed = matrix(y), start = c(2000, 1), frequency = 52)
  m <- mean(y[1:104])
  r <- cusum(s, control = list(range = 105:WEEKS, k = 1.04, h = 2.26, m = m, trans = trans))
  paste0('{"m":', number(m), ',"alarm":', line(alarms(r)), "}")
}
cat('{"made_by":"R ', as.character(getRversion()), ', surveillance ', as.character(packageVersion("surveillance")), '","series":{', sep = "")
cat(paste0('\n"', names(all), '":', vapply(names(all), function(name) {
  y <- all[[name]]
  paste0('{"counts":', line(y),
    ',\n"c1":', ears(y, "C1", 0.001), ',\n"c2":', ears(y, "C2", 0.001), ',\n"c3":', ears(y, "C3", 0.025),
    ',\n"cusum_standard":', page(y, "standard"), ',\n"cusum_rossi":', page(y, "rossi"),
    ',\n"noufaily":', farrington(y),
    ',\n"significant_trend":', farrington(y, pThresholdTrend = 0.05, reweight = FALSE),
    ',\n"with_uncertainty":', farrington(y, thresholdMethod = "muan", reweight = FALSE),
    ',\n"farrington_1996":', farrington(y, noPeriods = 1, reweight = FALSE, pThresholdTrend = 0.05,
      thresholdMethod = "delta", powertrans = "2/3", pastWeeksNotIncluded = 3),
    "}")
}, ""), collapse = ","), "}}\n", sep = "")
