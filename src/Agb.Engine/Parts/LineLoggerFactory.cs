namespace Agb.Engine;

/// <summary>Writes each warning and error as one line of text.</summary>
internal sealed class LineLoggerFactory(Action<string> write) : ILoggerFactory, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The lines have one reader.");

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var reason = exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}";
            write($"event {eventId.Id}: {formatter(state, exception)}{reason}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
