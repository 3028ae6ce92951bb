namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.CreateContext"/>.</summary>
public sealed record CreateContextBody
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>Answer with the context of that name, if there is one.</summary>
    public bool GetExisting { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.GetContext"/>.</summary>
public sealed record GetContextBody
{
    /// <summary>The id or name.</summary>
    public string? IdOrName { get; init; }

    /// <summary>The id, in place of <see cref="IdOrName"/>; names are not looked at.</summary>
    public string? ContextId { get; init; }
}

/// <summary>A body with a context's id only.</summary>
public sealed record ContextIdBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.RenameContext"/>.</summary>
public sealed record RenameContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The new name.</summary>
    public string? NewName { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.ClearContext"/>.</summary>
public sealed record ClearContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>Answer as soon as the removal is registered.</summary>
    public bool NoWait { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.RestoreContext"/>.</summary>
public sealed record RestoreContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The version to return to.</summary>
    public long? Version { get; init; }
}
