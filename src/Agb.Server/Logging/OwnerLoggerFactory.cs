using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The loggers of one owner's engine: the category ends with the owner, as the engine knows none.</summary>
internal sealed class OwnerLoggerFactory(ILoggerFactory loggers, string ownerId) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => loggers.CreateLogger($"{categoryName}.{ownerId}");

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    /// <summary>Leaves the server's loggers open.</summary>
    public void Dispose()
    {
    }
}
