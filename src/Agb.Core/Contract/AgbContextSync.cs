using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>Mounts one context at one path of a session, under a policy.</summary>
public sealed record AgbContextSync : IDynamicMetaObjectProvider
{
    /// <summary>The context's id. A request for a session may have the name, and the session has the id.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>The sync policy.</summary>
    public AgbSyncPolicy Policy { get; init; } = new();

    /// <summary>The mounted path in the context: the mapping policy's path, else <see cref="Path"/>.</summary>
    public string OriginPath => Policy.Mapping?.Path ?? Path;

    /// <inheritdoc/>
    public override string ToString() => OriginPath == Path ? $"{ContextId} at {Path}" : $"{ContextId} at {Path} (from {OriginPath})";

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}
