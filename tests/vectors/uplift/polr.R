# Rscript polr.R made_up.csv > polr.csv
# Proportional odds by MASS::polr, and Brant's test out of glm's fits (Brant 1990, Biometrics 46:1171).
library(MASS)
data <- read.csv(commandArgs(trailingOnly = TRUE)[1])
cat("set,quantity,name,value\n")
say <- function(set, quantity, name, value) cat(sprintf("%s,%s,%s,%.10g\n", set, quantity, name, value))
for (set in unique(data$set)) {
  rows <- data[data$set == set & data$count > 0, ]
  people <- rows[rep(seq_len(nrow(rows)), rows$count), ]
  people$level <- factor(people$level, ordered = TRUE)
  names <- Filter(function(name) length(unique(people[[name]])) > 1, c("treatment", "experience", "language"))
  found <- polr(reformulate(names, "level"), data = people, Hess = TRUE,
                control = list(reltol = 1e-15, maxit = 1000))
  for (name in names) {
    say(set, "slope", name, coef(found)[[name]])
    say(set, "error", name, sqrt(vcov(found)[name, name]))
  }
  for (cut in seq_along(found$zeta)) say(set, "cut", cut, found$zeta[[cut]])
  say(set, "log-likelihood", "", as.numeric(logLik(found)))
  # the profile of the treatment's slope, its ends found by root finding and not by a spline
  top <- as.numeric(logLik(found))
  fall <- function(b) {
    held <- polr(reformulate(c(setdiff(names, "treatment"), "offset(b * treatment)"), "level"), data = people,
                 control = list(reltol = 1e-15, maxit = 1000))
    2 * (top - as.numeric(logLik(held))) - qchisq(0.95, 1)
  }
  b <- coef(found)[["treatment"]]
  # polr wants a variable: a constant offset alone has none
  if (length(names) > 1) {
    say(set, "low", "treatment", uniroot(fall, c(b - 3, b), tol = 1e-9)$root)
    say(set, "high", "treatment", uniroot(fall, c(b, b + 3), tol = 1e-9)$root)
  }
  # Brant
  cuts <- length(found$zeta)
  fits <- lapply(seq_len(cuts), function(cut)
    glm(reformulate(names, "reached"), data = transform(people, reached = as.integer(level) > cut),
        family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100)))
  x <- model.matrix(fits[[1]])
  shares <- sapply(fits, fitted)
  inverse <- lapply(seq_len(cuts), function(cut) solve(t(x) %*% (x * shares[, cut] * (1 - shares[, cut]))))
  slopes <- sapply(fits, function(one) coef(one)[["treatment"]])
  spread <- matrix(0, cuts, cuts)
  for (i in seq_len(cuts)) for (j in i:cuts) {
    between <- t(x) %*% (x * (shares[, j] - shares[, i] * shares[, j]))
    spread[i, j] <- spread[j, i] <- (inverse[[i]] %*% between %*% inverse[[j]])["treatment", "treatment"]
  }
  apart <- cbind(1, -diag(cuts - 1))
  value <- t(apart %*% slopes) %*% solve(apart %*% spread %*% t(apart)) %*% (apart %*% slopes)
  say(set, "brant", "treatment", as.numeric(value))
  say(set, "brant-p", "treatment", pchisq(as.numeric(value), cuts - 1, lower.tail = FALSE))
}
