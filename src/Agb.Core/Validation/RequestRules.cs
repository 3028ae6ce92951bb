namespace Agb;

/// <summary>The rules for names, labels, commands and session options, checked before anything changes.</summary>
public static class RequestRules
{
    /// <summary>The maximum number of characters in a context name.</summary>
    public const int MaxContextNameLength = 255;

    /// <summary>The maximum number of labels of a session.</summary>
    public const int MaxLabels = 64;

    /// <summary>The maximum number of characters in a label's key or value.</summary>
    public const int MaxLabelLength = 255;

    /// <summary>The maximum size of all environment variables of one command, in bytes of UTF-8. The kernel allows more in all,
    /// but each must fit MAX_ARG_STRLEN (execve(2)).</summary>
    public const int MaxEnvironmentBytes = 1024 * 1024;

    /// <summary>Checks a context name and returns it trimmed.</summary>
    /// <exception cref="AgbException">InvalidContextName.</exception>
    public static string ContextName(string? name)
    {
        var trimmed = name?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidContextName, "The context name is empty.", target: name);
        }
        if (trimmed.Length > MaxContextNameLength)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidContextName,
                $"The context name has {trimmed.Length} characters; at most {MaxContextNameLength} are allowed.", target: name);
        }
        if (trimmed is "." or "..")
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidContextName, $"'{trimmed}' can't be the name of a context: in paths it means a directory.",
                "Choose another name.", name);
        }
        if (trimmed.Any(char.IsControl))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidContextName, "The context name holds a control character.", target: name);
        }
        return trimmed;
    }

    /// <summary>Checks labels.</summary>
    /// <exception cref="AgbException">InvalidLabel.</exception>
    public static void Labels(IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count > MaxLabels)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidLabel, $"{labels.Count} labels are given; at most {MaxLabels} are allowed.");
        }
        foreach (var (key, value) in labels)
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidLabel, $"A label has an empty key (its value is '{value}').", target: key);
            }
            if (key.Length > MaxLabelLength || value.Length > MaxLabelLength)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidLabel,
                    $"The label '{key[..Math.Min(key.Length, 32)]}' is too long; key and value may have {MaxLabelLength} characters each.",
                    target: key);
            }
            if (key.Any(char.IsControl) || value.Any(char.IsControl))
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidLabel, "A label holds a control character.", target: key);
            }
        }
    }

    /// <summary>Checks a request for a session and returns it with normal paths.</summary>
    /// <exception cref="AgbException">The id of the broken rule.</exception>
    public static AgbSessionRequest Session(AgbSessionRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.ImageId))
        {
            throw AgbErrors.Invalid(AgbErrorIds.ImageNotFound, "The image id is empty.", target: request.ImageId);
        }
        Labels(request.Labels);
        Span("idle timeout", request.IdleTimeout);
        Span("maximum lifetime", request.MaxLifetime);
        IdleAction(request);
        LimitRules.Limits(request.Limits);
        if (request.ContextSyncs.Count > AgbSessionRequest.MaxContextSyncs)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"{request.ContextSyncs.Count} context mounts are given; at most {AgbSessionRequest.MaxContextSyncs} are allowed.");
        }
        var syncs = request.ContextSyncs.Select(ContextSync).ToArray();
        LinuxPath.RequireDisjoint([.. syncs.Select(s => s.Path)]);
        return request with { ContextSyncs = syncs };
    }

    private static void IdleAction(AgbSessionRequest request)
    {
        if (!Enum.IsDefined(request.IdleAction))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The idle action is {request.IdleAction}; expected Release or Suspend.", target: request.IdleAction);
        }
        if (request is { IdleAction: AgbIdleAction.Suspend, IdleTimeout: null })
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, "The idle action Suspend needs an idle timeout.", "Give an idle timeout too.", request.IdleAction);
        }
    }

    /// <summary>Checks a context sync and returns it with a normal path and policy.</summary>
    public static AgbContextSync ContextSync(AgbContextSync sync)
    {
        if (string.IsNullOrWhiteSpace(sync.ContextId))
        {
            throw AgbErrors.Invalid(AgbErrorIds.ContextNotFound, "A context sync has no context id.");
        }
        return sync with { Path = LinuxPath.NormalizeMount(sync.Path), Policy = sync.Policy.Validate() };
    }

    /// <summary>Checks a command request and returns it with a normal working directory.</summary>
    /// <exception cref="AgbException">InvalidCommand, InvalidEnvironment, InvalidPath, InvalidSessionOption.</exception>
    public static AgbCommandRequest Command(AgbCommandRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Command))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidCommand, "The command is empty.", target: request.Command);
        }
        if (request.Command.Contains('\0'))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand, "The command holds a NUL character; a Linux command line can't carry it.", target: request.Command);
        }
        var bytes = Encoding.UTF8.GetByteCount(request.Command);
        if (bytes > AgbCommandRequest.MaxCommandBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand,
                $"The command has {bytes} bytes; at most {AgbCommandRequest.MaxCommandBytes} are allowed.",
                "Put the script into a file of the context and run that.");
        }
        if (request.Timeout <= TimeSpan.Zero || request.Timeout > TimeSpan.FromDays(7))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The command's time limit is {request.Timeout.TotalSeconds:0.###} s; expected more than 0 and at most 7 days.");
        }
        if (request.MaxOutputBytes < 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidSessionOption, "The output limit is negative.");
        }
        EnvironmentVariables(request.Environment);
        CommandArguments(request.Arguments);
        if (request.Output is not null && request.Lines is not null)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand, "The output of the command is asked for as bytes and as lines.", "Ask for one of them.");
        }
        return request.WorkingDirectory is null
            ? request
            : request with { WorkingDirectory = LinuxPath.Normalize(request.WorkingDirectory, "working directory") };
    }

    /// <summary>Checks a request to run code.</summary>
    /// <exception cref="AgbException">InvalidCode, InvalidSessionOption.</exception>
    public static AgbCodeRequest Code(AgbCodeRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Code))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidCode, "The code is empty.", target: request.Code);
        }
        if (!Enum.IsDefined(request.Language))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCode,
                $"The language '{request.Language}' does not exist; expected {string.Join(", ", Enum.GetNames<AgbCodeLanguage>())}.",
                target: request.Language);
        }
        var bytes = Encoding.UTF8.GetByteCount(request.Code);
        if (bytes > AgbCodeRequest.MaxCodeBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCode, $"The code has {bytes} bytes; at most {AgbCodeRequest.MaxCodeBytes} are allowed.",
                "Put large data into a file of a context and read it from there.");
        }
        if (request.Timeout <= TimeSpan.Zero || request.Timeout > TimeSpan.FromDays(7))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The code's time limit is {request.Timeout.TotalSeconds:0.###} s; expected more than 0 and at most 7 days.");
        }
        return request;
    }

    /// <summary>Checks a request for a terminal and returns it with a normal working directory.</summary>
    /// <exception cref="AgbException">InvalidEnvironment, InvalidPath, InvalidSessionOption.</exception>
    public static AgbTerminalRequest Terminal(AgbTerminalRequest request)
    {
        TerminalSize(request.Size);
        EnvironmentVariables(request.Environment);
        EnvironmentVariables(new Dictionary<string, string> { ["TERM"] = request.TerminalType });
        return request.WorkingDirectory is null
            ? request
            : request with { WorkingDirectory = LinuxPath.Normalize(request.WorkingDirectory, "working directory") };
    }

    /// <summary>Checks the size of a terminal.</summary>
    /// <exception cref="AgbException">InvalidSessionOption.</exception>
    public static AgbTerminalSize TerminalSize(AgbTerminalSize size) =>
        size.Columns is > 0 and <= ushort.MaxValue && size.Rows is > 0 and <= ushort.MaxValue
            ? size
            : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The terminal has {size.Columns} columns and {size.Rows} rows; expected 1 to {ushort.MaxValue} of each.", target: size);

    /// <summary>Checks the port and scheme of a link into a session.</summary>
    /// <exception cref="AgbException">InvalidSessionOption.</exception>
    public static void SessionLink(int port, string? scheme)
    {
        if (port is < 1 or > ushort.MaxValue)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The port is {port}; expected 1 to {ushort.MaxValue}.", target: port);
        }
        if (scheme is not (null or "http" or "https" or "ws" or "wss"))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The link's scheme is '{scheme}'; expected http, https, ws or wss.", target: scheme);
        }
    }

    /// <summary>Checks the arguments of a command.</summary>
    /// <exception cref="AgbException">InvalidCommand.</exception>
    public static void CommandArguments(IReadOnlyList<string> arguments)
    {
        var total = 0L;
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].Contains('\0'))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidCommand, $"The argument ${i + 1} of the command holds a NUL character; a Linux command line can't carry it.",
                    "Give such data by stdin.", arguments[i]);
            }
            var bytes = Encoding.UTF8.GetByteCount(arguments[i]);
            total += bytes + 1;
            if (bytes > AgbCommandRequest.MaxCommandBytes)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidCommand,
                    $"The argument ${i + 1} of the command has {bytes} bytes; at most {AgbCommandRequest.MaxCommandBytes} are allowed.", "Give such data by stdin.");
            }
        }
        if (total > AgbCommandRequest.MaxArgumentBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand,
                $"The {arguments.Count} arguments of the command have {total} bytes; at most {AgbCommandRequest.MaxArgumentBytes} are allowed.",
                "Give such data by stdin.");
        }
    }

    /// <summary>Checks environment variables.</summary>
    /// <exception cref="AgbException">InvalidEnvironment.</exception>
    public static void EnvironmentVariables(IReadOnlyDictionary<string, string> environment)
    {
        var total = 0;
        foreach (var (name, value) in environment)
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0') || name[0] == '-')
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidEnvironment,
                    $"The environment variable name '{name.Replace("\0", "\\0")}' is not allowed: it is empty, holds '=' or NUL, or starts with '-'.",
                    target: name);
            }
            if (value.Contains('\0'))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidEnvironment, $"The value of the environment variable '{name}' holds a NUL character.", target: name);
            }
            var bytes = Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 2;
            total += bytes;
            if (bytes > AgbCommandRequest.MaxCommandBytes || total > MaxEnvironmentBytes)
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidEnvironment, $"The environment is too large at the variable '{name}'.", target: name);
            }
        }
    }

    /// <summary>Checks the number of forks.</summary>
    /// <exception cref="AgbException">InvalidSessionOption.</exception>
    public static int ForkCount(int count) => count is >= 1 and <= ISessionForkService.MaxForks
        ? count
        : throw AgbErrors.Invalid(
            AgbErrorIds.InvalidSessionOption, $"The number of forks is {count}; expected 1 to {ISessionForkService.MaxForks}.", target: count);

    /// <summary>Checks a request for a sync.</summary>
    /// <exception cref="AgbException">InvalidSessionOption.</exception>
    public static AgbSyncRequest Sync(AgbSyncRequest request)
    {
        if (!Enum.IsDefined(request.Mode))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The direction '{request.Mode}' of the sync does not exist; expected Upload or Download.",
                target: request.Mode);
        }
        if (request.MaxDeletePercent is not { } percent)
        {
            return request;
        }
        if (!(percent >= 0 && percent <= 100))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The limit of deletions is {percent.ToString(System.Globalization.CultureInfo.InvariantCulture)} percent; expected 0 to 100.",
                target: percent);
        }
        return request.Mode == AgbSyncTaskType.Upload
            ? request
            : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, "A limit of deletions is given for a download; it belongs to uploads.",
                "Leave the limit out; a download never removes files changed in the session.", percent);
    }

    private static void Span(string what, TimeSpan? span)
    {
        if (span is { } s && (s < TimeSpan.FromSeconds(1) || s > TimeSpan.FromDays(365)))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The {what} is {s.TotalSeconds:0.###} s; expected between 1 s and 365 days.", target: s);
        }
    }
}
