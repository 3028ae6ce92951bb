# Runs code once. Its variables and attached packages are loaded before and saved after, so they stay from call to call.
local({
  folder <- "/var/tmp/.agb-code"
  saved <- file.path(folder, "workspace.RData")
  mark <- Sys.getenv("AGB_MARK")
  Sys.unsetenv(c("AGB_MARK", "AGB_RUNNER"))
  input <- file("stdin")
  code <- readLines(input, warn = FALSE, encoding = "UTF-8")
  close(input)

  state <- new.env()
  state$count <- 0L
  if (file.exists(saved)) {
    load(saved, envir = state)
    for (name in rev(state$packages)) {
      suppressPackageStartupMessages(require(name, character.only = TRUE, quietly = TRUE))
    }
    for (name in ls(state$variables, all.names = TRUE)) {
      assign(name, get(name, envir = state$variables), envir = globalenv())
    }
  }

  quoted <- function(text) {
    text <- enc2utf8(paste(text, collapse = "\n"))
    text <- gsub("\\", "\\\\", text, fixed = TRUE)
    text <- gsub("\"", "\\\"", text, fixed = TRUE)
    text <- gsub("\n", "\\n", text, fixed = TRUE)
    text <- gsub("\r", "\\r", text, fixed = TRUE)
    text <- gsub("\t", "\\t", text, fixed = TRUE)
    for (control in regmatches(text, gregexpr("[\001-\037]", text))[[1]]) {
      text <- gsub(control, sprintf("\\u%04x", utf8ToInt(control)), text, fixed = TRUE)
    }
    paste0("\"", text, "\"")
  }
  result <- function(main, forms) {
    pairs <- paste0(vapply(names(forms), quoted, ""), ":", vapply(forms, quoted, ""))
    paste0("{\"main\":", if (main) "true" else "false", ",\"mime\":{", paste(pairs, collapse = ","), "}}")
  }

  plots <- tempfile("plots")
  dir.create(plots)
  options(device = function(...) grDevices::png(file.path(plots, "%05d.png"), type = "cairo"))

  results <- character()
  error <- NULL
  tryCatch({
    expressions <- parse(text = code, keep.source = FALSE, encoding = "UTF-8")
    for (i in seq_along(expressions)) {
      value <- withVisible(eval(expressions[[i]], globalenv()))
      if (value$visible && i == length(expressions)) {
        results <- result(TRUE, list("text/plain" = utils::capture.output(print(value$value))))
      } else if (value$visible) {
        print(value$value)
      }
    }
  }, error = function(e) {
    at <- conditionCall(e)
    where <- if (is.null(at)) "" else paste0(" in ", paste(deparse(at), collapse = " "))
    error <<- paste0("Error", where, ": ", conditionMessage(e))
  }, interrupt = function(e) error <<- "Interrupted")
  while (!is.null(grDevices::dev.list())) grDevices::dev.off()
  for (image in list.files(plots, full.names = TRUE)) {
    if (file.size(image) > 0) {
      base64 <- paste(system2("base64", c("-w", "0", shQuote(image)), stdout = TRUE), collapse = "")
      results <- c(results, result(FALSE, list("text/plain" = "<plot>", "image/png" = base64)))
    }
  }
  unlink(plots, recursive = TRUE)

  count <- state$count + 1L
  state <- new.env()
  state$count <- count
  state$packages <- .packages()
  state$variables <- new.env()
  for (name in ls(globalenv(), all.names = TRUE)) {
    if (!bindingIsActive(name, globalenv())) assign(name, get(name, envir = globalenv()), envir = state$variables)
  }
  part <- paste0(saved, ".", Sys.getpid())
  save(list = c("count", "packages", "variables"), envir = state, file = part, compress = FALSE)
  file.rename(part, saved)

  flush(stdout())
  output <- pipe("cat", "wb")
  writeBin(c(as.raw(0), charToRaw(mark), as.raw(0)), output)
  writeBin(charToRaw(paste0(
    "{\"results\":[", paste(results, collapse = ","), "],\"error\":", if (is.null(error)) "null" else quoted(error),
    ",\"count\":", count, "}")), output)
  close(output)
})
