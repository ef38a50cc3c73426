# Alarms of R `surveillance` on given series: Rscript tools/run_surveillance.R METHOD IN.csv OUT.csv FIRST
# IN has one series a column; OUT one row a day (or week) from row FIRST on, one column a series, 1 where it rings.
suppressMessages(library(surveillance))
asked <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(asked[2], header = FALSE))
range <- as.integer(asked[4]):nrow(counts)
ring <- function(y) {
  if (asked[1] == "farrington") {
    s <- sts(observed = matrix(y), start = c(2000, 1), frequency = 52)
    control <- list(range = range, b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, weightsThreshold = 2.58,
      pThresholdTrend = 1, thresholdMethod = "nbPlugin", alpha = 0.001, glmWarnings = FALSE)
    return(as.numeric(alarms(suppressWarnings(farringtonFlexible(s, control = control)))))
  }
  s <- sts(observed = matrix(y), start = c(2000, 1), frequency = 365)
  as.numeric(alarms(earsC(s, control = list(method = asked[1], alpha = 0.001, range = range))))
}
found <- apply(counts, 2, ring)
found[is.na(found)] <- 0
write.table(found, asked[3], sep = ",", row.names = FALSE, col.names = FALSE)
