namespace Agb.PowerShell;

/// <summary>Interprets the mount parameters of New-AgbSession and New-AgbContextSync.</summary>
internal static class Mounts
{
    /// <summary>The policy with the path of -MappingPath, which goes before a mapping in the policy as the more specific of
    /// both.</summary>
    internal static AgbSyncPolicy Policy(AgbSyncPolicy? policy, string? mappingPath) => mappingPath is null
        ? policy ?? new AgbSyncPolicy()
        : (policy ?? new AgbSyncPolicy()) with { Mapping = new AgbMappingPolicy { Path = mappingPath } };

    /// <summary>The default mount path of a context: the path of its data; with a mapping, or without data, <c>/home/</c> and
    /// its name.</summary>
    /// <exception cref="AgbException">AmbiguousPath: the context has data under several paths.</exception>
    internal static async Task<string> DefaultPathAsync(
        IAgbService service, AgbContext context, AgbSyncPolicy policy, string parameter, CancellationToken cancellationToken)
    {
        if (policy.Mapping is not null)
        {
            return HomePath(context, parameter);
        }
        var paths = await service.GetContextPathsAsync(context, cancellationToken).ConfigureAwait(false);
        return paths.Count switch
        {
            0 => HomePath(context, parameter),
            1 => paths[0],
            _ => throw AgbErrors.Invalid(
                AgbErrorIds.AmbiguousPath,
                $"The context '{context.Name}' has data under several paths: {string.Join(", ", paths)}.",
                $"Choose one with -{parameter}.", context),
        };
    }

    private static string HomePath(AgbContext context, string parameter) => context.Name.Contains('/') || context.Name is "." or ".."
        ? throw AgbErrors.Invalid(
            AgbErrorIds.InvalidPath, $"The context name '{context.Name}' can't be the name of a directory.",
            $"Name a path with -{parameter}.", context)
        : $"/home/{context.Name}";
}
