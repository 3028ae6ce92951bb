namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.CreateContext"/>.</summary>
/// <param name="Name">The name.</param>
/// <param name="GetExisting">Answer with the context of that name, if there is one.</param>
public sealed record CreateContextBody(string? Name = null, bool GetExisting = false);

/// <summary>The body of <see cref="AgbServerRoutes.GetContext"/>.</summary>
/// <param name="IdOrName">The id or name.</param>
/// <param name="ContextId">The id, in place of <paramref name="IdOrName"/>; names are not looked at.</param>
public sealed record GetContextBody(string? IdOrName = null, string? ContextId = null);

/// <summary>A body with a context's id only.</summary>
/// <param name="ContextId">The context.</param>
public sealed record ContextIdBody(string? ContextId = null);

/// <summary>The body of <see cref="AgbServerRoutes.RenameContext"/>.</summary>
/// <param name="ContextId">The context.</param>
/// <param name="NewName">The new name.</param>
public sealed record RenameContextBody(string? ContextId = null, string? NewName = null);

/// <summary>The body of <see cref="AgbServerRoutes.ClearContext"/>.</summary>
/// <param name="ContextId">The context.</param>
/// <param name="NoWait">Answer as soon as the removal is registered.</param>
public sealed record ClearContextBody(string? ContextId = null, bool NoWait = false);

/// <summary>The body of <see cref="AgbServerRoutes.RestoreContext"/>.</summary>
/// <param name="ContextId">The context.</param>
/// <param name="Version">The version to return to.</param>
public sealed record RestoreContextBody(string? ContextId = null, long? Version = null);
