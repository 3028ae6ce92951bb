using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>How what is compared differs from the reference.</summary>
public enum AgbDifference
{
    /// <summary>Both have the same.</summary>
    Equal,

    /// <summary>Only the side that is compared has it.</summary>
    Added,

    /// <summary>Only the reference has it.</summary>
    Removed,

    /// <summary>Both have something there, and it is not the same.</summary>
    Changed,
}

/// <summary>One path at which two trees of files were compared.</summary>
public sealed record AgbContextDifference : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The context that is the reference.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path in that context.</summary>
    public required string Path { get; init; }

    /// <summary>The same as <see cref="Path"/>, by a name that no parameter for paths of this machine has.</summary>
    public string ContextPath => Path;

    /// <summary>How the other side differs from the reference.</summary>
    public required AgbDifference Difference { get; init; }

    /// <summary>The same as an arrow to the side that has it: <c>=&gt;</c> the other side, <c>&lt;=</c> the reference,
    /// <c>&lt;&gt;</c> both differ, <c>==</c> both are equal.</summary>
    public string SideIndicator => Difference switch
    {
        AgbDifference.Added => "=>",
        AgbDifference.Removed => "<=",
        AgbDifference.Changed => "<>",
        _ => "==",
    };

    /// <summary>What it is: on the other side, or in the reference when only that has it.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>In what a changed one differs: type, target, mode, size, time or content; else null.</summary>
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
