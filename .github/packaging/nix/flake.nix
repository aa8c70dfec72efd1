# awsx from its sources: nix run 'git+https://HOST/OWNER/NAME?dir=.github/packaging/nix'
{
  description = "Switch AWS credentials safely: any profile, any command, nothing in clear text";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      cargo = (builtins.fromTOML (builtins.readFile ../../../Cargo.toml)).package;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      awsx =
        pkgs:
        pkgs.rustPlatform.buildRustPackage {
          pname = cargo.name;
          version = cargo.version;
          src = ../../..;
          cargoLock.lockFile = ../../../Cargo.lock;
          cargoBuildFlags = [
            "--bin"
            "awsx"
            "--example"
            "pages"
          ];
          # They need shells, keychains and a terminal: .ci/run.
          doCheck = false;
          env.AWSX_COMMIT = self.rev or self.dirtyRev or "";
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            "$(find target -path '*/release/examples/pages' -print -quit)" pages
            installManPage pages/man/*.1
            installShellCompletion --bash --name awsx pages/completions/awsx.bash
            installShellCompletion --zsh pages/completions/_awsx --fish pages/completions/awsx.fish
          '';
          meta = {
            inherit (cargo) description;
            license = pkgs.lib.licenses.mit;
            mainProgram = "awsx";
          };
        };
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = awsx nixpkgs.legacyPackages.${system};
      });
    };
}
