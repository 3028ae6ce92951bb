using System.ComponentModel;

namespace Agb.PowerShell;

/// <summary>A service at the start of a chain of cmdlets. Cmdlets share no current connection: each emitted object carries its
/// service, so chains on several services can run side by side.</summary>
[TypeConverter(typeof(ConnectionConverter))]
public sealed class AgbConnection
{
    /// <summary>Wraps any implementation of the contract.</summary>
    /// <param name="service">The service.</param>
    public AgbConnection(IAgbService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        Service = service;
    }

    internal AgbConnection(IAgbService service, string homeDirectory)
        : this(service)
    {
        HomeDirectory = homeDirectory;
    }

    /// <summary>The service's name: <c>embedded</c>, or the endpoint.</summary>
    public string Name => Service.Name;

    /// <summary>The directory of an embedded service's catalog, layers and sessions; null for other services.</summary>
    public string? HomeDirectory { get; }

    /// <summary>The service.</summary>
    public IAgbService Service { get; }

    /// <inheritdoc/>
    public override string ToString() => HomeDirectory is null ? Name : $"{Name} at {HomeDirectory}";
}
