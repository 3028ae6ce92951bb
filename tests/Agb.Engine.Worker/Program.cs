using Agb;

// Agb.Engine.Worker HOME KIND VERB ARGUMENTS: does one thing with the engine on that home and ends. An error goes to stderr as
// its id and message, with exit code 1.
if (args is not [var home, var kind, var verb, .. var rest])
{
    Console.Error.WriteLine("expected: HOME KIND VERB [ARGUMENTS]");
    return 2;
}
using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, MountKind = Enum.Parse<MountKind>(kind) });
try
{
    switch (verb, rest)
    {
        case ("create", [var contextId, var path]):
            var session = await service.CreateSessionAsync(new AgbSessionRequest
            {
                ContextSyncs = [new AgbContextSync { ContextId = contextId, Path = path }],
            });
            Console.Write(session.SessionId);
            return 0;
        case ("browse", [var contextId, var path]):
            var screen = await service.CreateSessionAsync(new AgbSessionRequest
            {
                ImageId = "agb-computer-use-1",
                ContextSyncs = [new AgbContextSync { ContextId = contextId, Path = path }],
            });
            await service.StartBrowserAsync(screen, new AgbBrowserRequest());
            Console.Write(screen.SessionId);
            Console.Out.Flush();
            // Dies as if it were killed, with all that it holds.
            System.Diagnostics.Process.GetCurrentProcess().Kill();
            return 3;
        case ("run", [var sessionId, var command]):
            var result = await service.RunCommandAsync(new SessionId(sessionId), new AgbCommandRequest { Command = command });
            Console.Write(result.Stdout);
            Console.Error.Write(result.Stderr);
            return result.ExitCode;
        case ("remove", [var sessionId]):
            await service.RemoveSessionAsync(new SessionId(sessionId));
            return 0;
        default:
            Console.Error.WriteLine($"no such verb, or wrong arguments: {verb}");
            return 2;
    }
}
catch (AgbException e)
{
    Console.Error.WriteLine($"{e.ErrorId}: {e.Message}");
    return 1;
}
