namespace Agb.PowerShell.Hosting;

/// <summary>What the mounting parameters of New-AgbSession and New-AgbContextSync mean.</summary>
internal static class Mounts
{
    /// <summary>A policy with the path of -MappingPath, which is the shorthand and so the more specific of the two.</summary>
    internal static AgbSyncPolicy Policy(AgbSyncPolicy? policy, string? mappingPath) => mappingPath is null
        ? policy ?? new AgbSyncPolicy()
        : (policy ?? new AgbSyncPolicy()) with { Mapping = new AgbMappingPolicy { Path = mappingPath } };

    /// <summary>Where to mount a context when no path is given: where its data is; with a mapping, or without data,
    /// <c>/home/</c> and its name.</summary>
    /// <exception cref="AgbException">AmbiguousPath, when it has data under several paths.</exception>
    internal static async Task<string> DefaultPathAsync(
        IAgbService service, AgbContext context, AgbSyncPolicy policy, string parameter, CancellationToken cancellationToken)
    {
        if (policy.Mapping is not null)
        {
            return HomePath(context, parameter);
        }
        var paths = await service.GetContextPathsAsync(context.Id, cancellationToken).ConfigureAwait(false);
        return paths.Count switch
        {
            0 => HomePath(context, parameter),
            1 => paths[0],
            _ => throw AgbErrors.Invalid(
                AgbErrorIds.AmbiguousPath,
                $"The context '{context.Name}' has data under several paths: {string.Join(", ", paths)}.",
                $"Name the one that is meant with -{parameter}.", context),
        };
    }

    private static string HomePath(AgbContext context, string parameter) => context.Name.Contains('/') || context.Name is "." or ".."
        ? throw AgbErrors.Invalid(
            AgbErrorIds.InvalidPath, $"The context name '{context.Name}' can't be the name of a directory.",
            $"Name a path with -{parameter}.", context)
        : $"/home/{context.Name}";
}
