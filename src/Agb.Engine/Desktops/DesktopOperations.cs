namespace Agb.Engine;

/// <summary>The desktops of sessions.</summary>
internal sealed class DesktopOperations(EngineParts parts, DesktopRunner runner)
{
    private const int MostPixels = 32767;

    // A picture of noise has 6 MB.
    private const int MaxPictureBytes = 64 * 1024 * 1024;

    /// <summary>Gets the screen.</summary>
    internal async Task<AgbScreen> ScreenAsync(string sessionId, CancellationToken cancellationToken) => DesktopAnswer.Screen(
        await runner.TextAsync(sessionId, ["pointer"], ["getdisplaygeometry", "getmouselocation", "--shell"], cancellationToken).ConfigureAwait(false));

    /// <summary>Takes a picture of the screen.</summary>
    internal async Task<AgbScreenshot> ScreenshotAsync(string sessionId, AgbPictureFormat format, CancellationToken cancellationToken)
    {
        var name = format switch
        {
            // Without a search for a palette.
            AgbPictureFormat.Png => "png24",
            AgbPictureFormat.Jpeg => "jpeg",
            _ => throw DesktopPointer.Invalid($"The format is {format}; expected Png or Jpeg."),
        };
        var request = DesktopRunner.Request(["screenshot"], [name]) with { MaxOutputBytes = MaxPictureBytes };
        return DesktopAnswer.Picture(await runner.RunAsync(sessionId, request, cancellationToken).ConfigureAwait(false), format);
    }

    /// <summary>Carries out an action of the mouse.</summary>
    internal Task MouseAsync(string sessionId, AgbMouseAction action, CancellationToken cancellationToken) =>
        runner.TextAsync(sessionId, ["pointer"], DesktopPointer.Mouse(action), cancellationToken);

    /// <summary>Types a text or presses keys.</summary>
    internal async Task KeysAsync(string sessionId, AgbKeyAction action, CancellationToken cancellationToken)
    {
        if (action.Text is null)
        {
            await runner.TextAsync(sessionId, ["keys"], DesktopPointer.Keys(action.Keys, action.Press), cancellationToken).ConfigureAwait(false);
            return;
        }
        if (action.Keys.Count > 0)
        {
            throw DesktopPointer.Invalid("The action has a text and keys; expected one of them.");
        }
        runner.Require(sessionId);
        foreach (var (text, keysyms) in DesktopTyping.Split(action.Text).ToArray())
        {
            using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));
            await runner.RunAsync(sessionId, DesktopRunner.Request(["type"], keysyms) with { Input = input }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lists the windows, topmost last.</summary>
    internal async Task<IReadOnlyList<AgbWindow>> WindowsAsync(string sessionId, CancellationToken cancellationToken) =>
        (await ListAsync(sessionId, "windows", cancellationToken).ConfigureAwait(false)).Windows;

    /// <summary>Lists the processes with windows.</summary>
    internal async Task<IReadOnlyList<AgbAppProcess>> ProcessesAsync(string sessionId, CancellationToken cancellationToken) =>
        (await ListAsync(sessionId, "commands", cancellationToken).ConfigureAwait(false)).Processes;

    /// <summary>Changes a window.</summary>
    internal async Task ChangeAsync(string sessionId, AgbWindowChange change, CancellationToken cancellationToken)
    {
        var (first, second) = change.Action switch
        {
            AgbWindowAction.Resize => change.Size is { Width: > 0 and <= MostPixels, Height: > 0 and <= MostPixels } size
                ? (size.Width, size.Height)
                : throw DesktopPointer.Invalid($"The size is {(change.Size is { } given ? $"{given.Width}x{given.Height}" : "missing")}; expected 1x1 to {MostPixels}x{MostPixels}."),
            AgbWindowAction.Move => change.Position is { X: > -MostPixels and < MostPixels, Y: > -MostPixels and < MostPixels } position
                ? (position.X, position.Y)
                : throw DesktopPointer.Invalid("The position is missing or too far."),
            _ when Enum.IsDefined(change.Action) => (0, 0),
            _ => throw DesktopPointer.Invalid($"The change is {change.Action}, which is none of a window."),
        };
        var window = string.Create(CultureInfo.InvariantCulture, $"0x{change.WindowId:x}");
        var answer = await runner.TextAsync(
            sessionId, ["window"], [window, change.Action.ToString().ToLowerInvariant(), Text(first), Text(second)], cancellationToken).ConfigureAwait(false);
        if (change.Size is { } asked && change.Action == AgbWindowAction.Resize)
        {
            DesktopSizes.Require(answer, asked);
        }
    }

    /// <summary>Switches focus mode.</summary>
    internal Task FocusAsync(string sessionId, bool isOn, CancellationToken cancellationToken) =>
        runner.TextAsync(sessionId, ["focus"], [isOn ? "no" : "yes"], cancellationToken);

    /// <summary>Lists the apps that can run.</summary>
    internal async Task<IReadOnlyList<AgbApp>> AppsAsync(string sessionId, CancellationToken cancellationToken)
    {
        var browser = ImageNeeds.Browser(runner.Require(sessionId));
        var entries = DesktopApps.Parse(await runner.TextAsync(sessionId, ["apps"], [], cancellationToken).ConfigureAwait(false));
        var present = await runner.TextAsync(sessionId, ["programs"], DesktopApps.Programs(entries), cancellationToken).ConfigureAwait(false);
        return
        [
            .. DesktopApps.Of(entries, present.Split('\n').ToHashSet(StringComparer.Ordinal), browser).Select(a => new AgbApp
            {
                Service = parts.Service,
                SessionId = sessionId,
                Name = a.Name,
                StartCommand = a.Command,
            }),
        ];
    }

    /// <summary>Starts an app, and waits for its first window.</summary>
    internal async Task<IReadOnlyList<AgbAppProcess>> StartAsync(string sessionId, string command, string? workingDirectory, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(command) || command.Contains('\0', StringComparison.Ordinal))
        {
            throw DesktopPointer.Invalid("The command of the app is empty, or has a NUL character.");
        }
        cancellationToken.ThrowIfCancellationRequested();
        // A cancelled command ends with all its processes, and the app goes on.
        var started = Encoding.UTF8.GetString(await runner.RunAsync(
            sessionId, DesktopRunner.Request(["launch"], [command]) with { WorkingDirectory = workingDirectory }, command, CancellationToken.None).ConfigureAwait(false));
        var text = Encoding.UTF8.GetString(await runner.RunAsync(
            sessionId, DesktopRunner.Request(["appwindow", "windows"], DesktopAnswer.Launched(started)), command, cancellationToken).ConfigureAwait(false));
        var found = text.Split('\n')[0].Split(' ').Skip(1).ToHashSet(StringComparer.Ordinal);
        var processes = DesktopListing.Parse(text, sessionId, parts.Service).Processes.Where(p => found.Contains(Text(p.ProcessId))).ToArray();
        return processes.Length > 0 ? processes : throw NoApp($"The app closed its first window at once: {command}", command);
    }

    /// <summary>Ends the processes of apps that are chosen.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="choice">Chooses the processes.</param>
    /// <param name="target">The process id or the process name, for errors.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    internal async Task StopAsync(string sessionId, Func<AgbAppProcess, bool> choice, object target, CancellationToken cancellationToken)
    {
        var chosen = (await ProcessesAsync(sessionId, cancellationToken).ConfigureAwait(false)).Where(choice).Select(p => Text(p.ProcessId)).ToArray();
        if (chosen.Length == 0)
        {
            throw NoApp($"The desktop has no app with {(target is int ? $"the process id {target}" : $"the process name '{target}'")}.", target);
        }
        await runner.RunAsync(sessionId, DesktopRunner.Request(["stop"], chosen), target, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DesktopListing> ListAsync(string sessionId, string kind, CancellationToken cancellationToken) =>
        DesktopListing.Parse(await runner.TextAsync(sessionId, ["windows"], [kind], cancellationToken).ConfigureAwait(false), sessionId, parts.Service);

    private static AgbException NoApp(string message, object target) =>
        new(AgbErrorIds.AppNotFound, AgbErrorKind.NotFound, message, "List the running apps.", target);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
