@echo off
rem Runs Maven, and finds one first; see mvnw, which does the same.
rem   MVNW_REPOURL      fetch from this Maven repository instead of Apache's archive
rem   MAVEN_USER_HOME   where what was fetched is kept; default %USERPROFILE%\.m2
setlocal
set "ROOT=%~dp0"
for /f "usebackq tokens=1,* delims==" %%a in ("%ROOT%.mvn\wrapper\maven.properties") do (
  if "%%a"=="version" set "VERSION=%%b"
  if "%%a"=="sha512.zip" set "SHA512=%%b"
)
if "%MAVEN_USER_HOME%"=="" set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "DISTS=%MAVEN_USER_HOME%\wrapper\dists\apache-maven-%VERSION%"
set "FETCHED=%DISTS%\%SHA512:~0,8%\bin\mvn.cmd"
if exist "%FETCHED%" goto run

rem A mvn on the PATH is taken as it is; the build itself refuses one that is too old.
for %%m in (mvn.cmd) do if not "%%~$PATH:m"=="" (
  endlocal
  mvn.cmd %*
  exit /b
)

if "%MVNW_REPOURL%"=="" (
  set "URL=https://archive.apache.org/dist/maven/maven-3/%VERSION%/binaries/apache-maven-%VERSION%-bin.zip"
) else (
  set "URL=%MVNW_REPOURL%/org/apache/maven/apache-maven/%VERSION%/apache-maven-%VERSION%-bin.zip"
)
echo mvnw: fetching Maven %VERSION% from %URL% 1>&2
powershell -NoProfile -Command "$ErrorActionPreference='Stop'; $ProgressPreference='SilentlyContinue'; $dir=$env:DISTS; New-Item -ItemType Directory -Force $dir | Out-Null; $zip=Join-Path $dir 'fetch.zip'; [Net.ServicePointManager]::SecurityProtocol='Tls12'; Invoke-WebRequest -UseBasicParsing $env:URL -OutFile $zip; $sum=(Get-FileHash -Algorithm SHA512 $zip).Hash; if ($sum -ne $env:SHA512) { Remove-Item $zip; throw ('SHA-512 is '+$sum+', expected '+$env:SHA512) }; Expand-Archive -Force $zip $dir; Move-Item (Join-Path $dir ('apache-maven-'+$env:VERSION)) (Join-Path $dir $env:SHA512.Substring(0,8)); Remove-Item $zip"
if errorlevel 1 (
  echo mvnw: could not fetch Maven; install Maven 3.8.6 or newer, or set MVNW_REPOURL to a Maven repository that can be reached 1>&2
  exit /b 1
)

:run
set "MVN=%FETCHED%"
endlocal & call "%MVN%" %*
