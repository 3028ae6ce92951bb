using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>A difference of the compared side from the reference.</summary>
public enum AgbDifference
{
    /// <summary>Both are the same.</summary>
    Equal,

    /// <summary>Only the compared side has the path.</summary>
    Added,

    /// <summary>Only the reference has the path.</summary>
    Removed,

    /// <summary>Both have the path, with different content.</summary>
    Changed,
}

/// <summary>One compared path of two file trees.</summary>
public sealed record AgbContextDifference : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The reference context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path in that context.</summary>
    public required string Path { get; init; }

    /// <summary>Alias of <see cref="Path"/> for pipeline binding: <c>-Path</c> would bind to local-path parameters.</summary>
    public string ContextPath => Path;

    /// <summary>The difference from the reference.</summary>
    public required AgbDifference Difference { get; init; }

    /// <summary>The difference as an arrow to the side with the path: <c>=&gt;</c> the other side, <c>&lt;=</c> the reference,
    /// <c>&lt;&gt;</c> both differ, <c>==</c> both are equal.</summary>
    public string SideIndicator => Difference switch
    {
        AgbDifference.Added => "=>",
        AgbDifference.Removed => "<=",
        AgbDifference.Changed => "<>",
        _ => "==",
    };

    /// <summary>The file type on the other side, or in the reference for a removed path.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>The differing attribute of a changed path: type, target, mode, size, time or content; else null.</summary>
    public string? Reason { get; init; }

    /// <summary>Bytes in the reference, or null.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes on the other side, or null.</summary>
    public long? DifferenceSize { get; init; }

    /// <summary>The modification time in the reference, or null.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>The modification time on the other side, or null.</summary>
    public DateTimeOffset? DifferenceModifiedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{SideIndicator} {Path}";

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}
