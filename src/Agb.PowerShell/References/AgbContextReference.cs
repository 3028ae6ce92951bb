using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>A context as a parameter takes it: the object, its id or its name. PowerShell converts through the
/// constructors.</summary>
public sealed class AgbContextReference
{
    private readonly AgbContext? _context;

    /// <summary>A context by id or name.</summary>
    /// <param name="idOrName">The id or the name.</param>
    public AgbContextReference(string idOrName)
    {
        Text = idOrName;
    }

    /// <summary>A context that is at hand.</summary>
    /// <param name="context">The context.</param>
    public AgbContextReference(AgbContext context)
        : this(Arguments.NotNull(context).Id, context.Service)
    {
        _context = context;
    }

    /// <summary>The context of a mount.</summary>
    /// <param name="sync">The mount.</param>
    public AgbContextReference(AgbContextSync sync)
        : this(Arguments.NotNull(sync).ContextId, ServiceOrigin.Of(sync))
    {
    }

    /// <summary>The context of a version.</summary>
    /// <param name="version">The version.</param>
    public AgbContextReference(AgbContextVersion version)
        : this(Arguments.NotNull(version).ContextId, version.Service)
    {
    }

    /// <summary>The context of a file.</summary>
    /// <param name="file">The file.</param>
    public AgbContextReference(AgbContextFile file)
        : this(Arguments.NotNull(file).ContextId, file.Service)
    {
    }

    /// <summary>The context that was compared.</summary>
    /// <param name="difference">What was found.</param>
    public AgbContextReference(AgbContextDifference difference)
        : this(Arguments.NotNull(difference).ContextId, difference.Service)
    {
    }

    private AgbContextReference(string id, IAgbService? service)
    {
        Text = id;
        Service = service;
    }

    /// <summary>The id, or what the user wrote.</summary>
    public string Text { get; }

    /// <summary>The service that the object came from, if it was an object.</summary>
    public IAgbService? Service { get; }

    /// <inheritdoc/>
    public override string ToString() => _context?.Name ?? Text;

    /// <summary>The context itself; null when a text was given.</summary>
    internal AgbContext? Known => _context;

    /// <summary>The context itself; asks the service only when a text was given.</summary>
    internal async Task<AgbContext> ResolveAsync(IAgbService service, CancellationToken cancellationToken) =>
        _context ?? await service.GetContextAsync(Text, cancellationToken).ConfigureAwait(false);
}
